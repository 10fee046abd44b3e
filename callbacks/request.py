"""What a request brings along: who asks, and the state its URL describes. The API reads both the same way."""

from __future__ import annotations

from data.queries.question import read_state
from web import ROLE_COOKIE, current_viewer

__all__ = ["ROLE_COOKIE", "current_viewer", "read_state"]
