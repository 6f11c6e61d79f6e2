"""Schema changes of each app, outside the apps so that code and history read apart."""
