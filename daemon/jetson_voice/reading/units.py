"""The units of both languages."""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Unit(NamedTuple):
    """What follows the number: in Chinese, in English after one, in English after any other."""

    zh: str
    one: str
    many: str


UNITS: Final = {
    # Length, area, volume
    "nm": Unit("纳米", "nanometer", "nanometers"),
    "μm": Unit("微米", "micrometer", "micrometers"),
    "mm": Unit("毫米", "millimeter", "millimeters"),
    "cm": Unit("厘米", "centimeter", "centimeters"),
    "m": Unit("米", "meter", "meters"),
    "km": Unit("公里", "kilometer", "kilometers"),
    "ft": Unit("英尺", "foot", "feet"),
    "mi": Unit("英里", "mile", "miles"),
    "cm^2": Unit("平方厘米", "square centimeter", "square centimeters"),
    "m^2": Unit("平方米", "square meter", "square meters"),
    "km^2": Unit("平方公里", "square kilometer", "square kilometers"),
    "cm^3": Unit("立方厘米", "cubic centimeter", "cubic centimeters"),
    "m^3": Unit("立方米", "cubic meter", "cubic meters"),
    "mL": Unit("毫升", "milliliter", "milliliters"),
    "ml": Unit("毫升", "milliliter", "milliliters"),
    "L": Unit("升", "liter", "liters"),
    "cc": Unit("毫升", "cubic centimeter", "cubic centimeters"),
    # Mass
    "mg": Unit("毫克", "milligram", "milligrams"),
    "g": Unit("克", "gram", "grams"),
    "kg": Unit("公斤", "kilogram", "kilograms"),
    "lb": Unit("磅", "pound", "pounds"),
    "lbs": Unit("磅", "pound", "pounds"),
    "oz": Unit("盎司", "ounce", "ounces"),
    "g/cm^3": Unit("克每立方厘米", "gram per cubic centimeter", "grams per cubic centimeter"),
    # Time
    "ns": Unit("纳秒", "nanosecond", "nanoseconds"),
    "μs": Unit("微秒", "microsecond", "microseconds"),
    "ms": Unit("毫秒", "millisecond", "milliseconds"),
    "s": Unit("秒", "second", "seconds"),
    "sec": Unit("秒", "second", "seconds"),
    "min": Unit("分钟", "minute", "minutes"),
    "mins": Unit("分钟", "minute", "minutes"),
    "h": Unit("小时", "hour", "hours"),
    "hr": Unit("小时", "hour", "hours"),
    "hrs": Unit("小时", "hour", "hours"),
    # Speed
    "m/s": Unit("米每秒", "meter per second", "meters per second"),
    "km/s": Unit("公里每秒", "kilometer per second", "kilometers per second"),
    "km/h": Unit("公里每小时", "kilometer per hour", "kilometers per hour"),
    "kph": Unit("公里每小时", "kilometer per hour", "kilometers per hour"),
    "mph": Unit("英里每小时", "mile per hour", "miles per hour"),
    "m/s^2": Unit("米每二次方秒", "meter per second squared", "meters per second squared"),
    "rpm": Unit("转每分钟", "revolution per minute", "revolutions per minute"),
    # Electricity, frequency, energy
    "mV": Unit("毫伏", "millivolt", "millivolts"),
    "V": Unit("伏", "volt", "volts"),
    "mA": Unit("毫安", "milliampere", "milliamperes"),
    "mAh": Unit("毫安时", "milliampere hour", "milliampere hours"),
    "mW": Unit("毫瓦", "milliwatt", "milliwatts"),
    "W": Unit("瓦", "watt", "watts"),
    "kW": Unit("千瓦", "kilowatt", "kilowatts"),
    "MW": Unit("兆瓦", "megawatt", "megawatts"),
    "Wh": Unit("瓦时", "watt hour", "watt hours"),
    "kWh": Unit("千瓦时", "kilowatt hour", "kilowatt hours"),
    "Ω": Unit("欧姆", "ohm", "ohms"),
    "Hz": Unit("赫兹", "hertz", "hertz"),
    "kHz": Unit("千赫", "kilohertz", "kilohertz"),
    "MHz": Unit("兆赫", "megahertz", "megahertz"),
    "GHz": Unit("吉赫", "gigahertz", "gigahertz"),
    "kJ": Unit("千焦", "kilojoule", "kilojoules"),
    "cal": Unit("卡", "calorie", "calories"),
    "kcal": Unit("千卡", "kilocalorie", "kilocalories"),
    "Pa": Unit("帕", "pascal", "pascals"),
    "kPa": Unit("千帕", "kilopascal", "kilopascals"),
    "hPa": Unit("百帕", "hectopascal", "hectopascals"),
    "mmHg": Unit("毫米汞柱", "millimeter of mercury", "millimeters of mercury"),
    "dB": Unit("分贝", "decibel", "decibels"),
    # Data: in Chinese the letters themselves are said
    "KB": Unit("KB", "kilobyte", "kilobytes"),
    "MB": Unit("MB", "megabyte", "megabytes"),
    "GB": Unit("GB", "gigabyte", "gigabytes"),
    "TB": Unit("TB", "terabyte", "terabytes"),
    "kbps": Unit("千比特每秒", "kilobit per second", "kilobits per second"),
    "Mbps": Unit("兆比特每秒", "megabit per second", "megabits per second"),
    "Gbps": Unit("吉比特每秒", "gigabit per second", "gigabits per second"),
    "MB/s": Unit("兆字节每秒", "megabyte per second", "megabytes per second"),
    "TB/s": Unit("太字节每秒", "terabyte per second", "terabytes per second"),
    "GB/s": Unit("吉字节每秒", "gigabyte per second", "gigabytes per second"),
    # Temperature, angle, coins
    "°C": Unit("摄氏度", "degree Celsius", "degrees Celsius"),
    "°F": Unit("华氏度", "degree Fahrenheit", "degrees Fahrenheit"),
    "°": Unit("度", "degree", "degrees"),
    "¢": Unit("美分", "cent", "cents"),
}

UNIT = rf"(?P<unit>{'|'.join(map(re.escape, sorted(UNITS, key=len, reverse=True)))})(?![A-Za-z\d^]|/[A-Za-z])"

MINUTES = r"(?<=\dh)( ?\d{1,2})m(?!\w)"
"""After hours an m is no meter."""
