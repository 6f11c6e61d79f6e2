"""What has to be so before a studio can be reached from other machines. Imports no Django."""

from __future__ import annotations

from backend.config.environment import Environment, SettingError


def refuse_unsafe(environment: Environment, *, unowned: bool) -> None:
    """Raises SettingError for what must not stand open."""
    if environment.loopback:
        return
    if environment.debug:
        raise SettingError("FLOWLOFT_DEBUG shows the inside of the studio; it is for loopback only.")
    if "*" in environment.allowed_hosts:
        raise SettingError("FLOWLOFT_ALLOWED_HOSTS=* lets any page speak for the studio; name its hosts.")
    if unowned:
        raise SettingError(
            f"The studio has no owner, so it does not open on {environment.host}. Start it once on this "
            "machine without FLOWLOFT_HOST, open the link it shows, then start it as you meant to."
        )
