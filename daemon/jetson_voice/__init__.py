"""jetson-voice: a hands-free voice assistant that runs whole on the device it stands on."""

__version__ = "0.1.0"
