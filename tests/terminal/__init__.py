"""The real command at a real terminal."""
