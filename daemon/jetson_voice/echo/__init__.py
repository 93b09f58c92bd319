"""The assistant hears itself: what it played, when that comes back, and the microphone without it."""
