"""Read models that are written in the transaction of the command."""

from identity.projections.users import Users

__all__ = ["Users"]
