"""Mistakes in settings are told as those of every form."""

from engine.flows.settings_problems import setting_names as setting_names
from engine.flows.settings_problems import setting_problems as setting_problems
