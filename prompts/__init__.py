"""Prompts, one YAML file each."""
