"""What a person may do with a project: the ceiling of the role AND the flag (D25, J11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from projects.domain.refusals import NotAllowed

Role: TypeAlias = Literal["owner", "admin", "editor", "viewer"]
Action: TypeAlias = Literal["read", "edit", "comment", "export", "delete"]

_CEILING: Mapping[str, frozenset[str]] = {
    "owner": frozenset({"edit", "comment", "export", "delete"}),
    "admin": frozenset({"edit", "comment", "export"}),
    "editor": frozenset({"edit", "comment", "export"}),
    "viewer": frozenset({"comment", "export"}),
}
_FLAG = {"edit": "canEdit", "comment": "canComment", "export": "canExport"}
_WORDS = {"edit": "edit", "comment": "comment on", "export": "export", "delete": "delete"}


@dataclass(frozen=True)
class Rights:
    """One person's standing in one project. `permissions` None: everything the role allows."""

    role: Role
    permissions: Mapping[str, bool] | None = None

    def may(self, action: Action) -> bool:
        if action == "read":
            return True
        if action not in _CEILING[self.role]:
            return False
        if self.role == "owner" or self.permissions is None:
            return True
        return bool(self.permissions.get(_FLAG.get(action, ""), False))

    def require(self, action: Action) -> None:
        """Raises NotAllowed."""
        if not self.may(action):
            raise NotAllowed(f"{_WORDS[action]} this project")
