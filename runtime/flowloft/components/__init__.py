"""Any Python function or command as a component: registered by group, run under any launcher."""

from flowloft.components.component import Component
from flowloft.components.folder import ComponentFolder, LoadResult, load_components
from flowloft.components.register import Group, component_register

__all__ = [
    "Component",
    "ComponentFolder",
    "Group",
    "LoadResult",
    "component_register",
    "load_components",
]
