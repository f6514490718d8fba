"""Event orders: pure, no process is started."""
