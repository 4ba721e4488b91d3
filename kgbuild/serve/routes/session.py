"""What the caller may do."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from kgbuild.read.sniff import SUFFIXES
from kgbuild.serve.depends import TheCaller, TheService
from kgbuild.serve.problems import documented

router = APIRouter(prefix="/v1", tags=["session"], responses=documented(401))


class Session(BaseModel):
    """The caller's role and the name of their token, whether the service asks for one, and the
    endings of file names that it reads."""

    role: Literal["reader", "editor"]
    name: str | None
    tokens: bool
    formats: list[str]


@router.get("/session")
def session(service: TheService, caller: TheCaller) -> Session:
    """Who the service takes the caller for."""
    return Session(role=caller.role, name=caller.name, tokens=bool(service.settings.tokens),
                   formats=sorted(SUFFIXES))  # fmt: skip
