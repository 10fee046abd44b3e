"""The same answers as the screens, as JSON under ``/api/v1``, and ``/healthz``."""

from __future__ import annotations

from api.routes import register

__all__ = ["register"]
