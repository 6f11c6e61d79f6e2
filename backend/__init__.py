"""The studio's Django project: who may, what is saved, what is told."""
