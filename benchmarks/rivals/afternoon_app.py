"""A server of contacts as it is written in an afternoon, with FastAPI and SQLAlchemy.

It runs in its own environment, without anything else of these benchmarks. `DATABASE_URL` names the
database, with an asynchronous driver.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, EmailStr, Field
from sqlalchemy import ForeignKey, Index, event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

_URL = os.environ["DATABASE_URL"]
_IS_SQLITE = _URL.startswith("sqlite")


class Base(DeclarativeBase):
    """What all tables share."""


class Contact(Base):
    """A person."""

    __tablename__ = "contacts"
    __table_args__ = (Index("contacts_by_company", "company", "last_name", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    company: Mapped[str | None]
    emails: Mapped[list[Email]] = relationship(order_by="Email.id")
    phones: Mapped[list[Phone]] = relationship(order_by="Phone.id")


class Email(Base):
    """An address of a person, which no other person has."""

    __tablename__ = "emails"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    email: Mapped[str] = mapped_column(unique=True)
    tag: Mapped[str]


class Phone(Base):
    """A number of a person, as it was given."""

    __tablename__ = "phones"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    phone: Mapped[str]
    country_code: Mapped[str]


class EmailBody(BaseModel):
    """An address on the wire."""

    model_config = ConfigDict(from_attributes=True)

    email: EmailStr
    tag: str = "MAIN"


class PhoneBody(BaseModel):
    """A number on the wire."""

    model_config = ConfigDict(from_attributes=True)

    phone: str = Field(pattern=r"^\+?[0-9 ()-]{4,20}$")
    country_code: str = Field(pattern="^[A-Z]{2}$")


class NewContact(BaseModel):
    """A person to create."""

    model_config = ConfigDict(from_attributes=True)

    first_name: str = Field(max_length=100)
    last_name: str = Field(max_length=100)
    company: str | None = Field(default=None, max_length=200)
    emails: list[EmailBody] = []
    phones: list[PhoneBody] = []


class ContactBody(NewContact):
    """A person that is kept."""

    id: int


_engine = create_async_engine(
    _URL,
    pool_size=16,
    max_overflow=0,
    connect_args={"timeout": 60} if _IS_SQLITE else {},
)
_sessions = async_sessionmaker(_engine, expire_on_commit=False)
_writers = asyncio.Semaphore(1 if _IS_SQLITE else 16)  # Who waits here need not try again there.

if _IS_SQLITE:

    @event.listens_for(_engine.sync_engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    async with _engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await _engine.dispose()


async def _session() -> AsyncIterator[AsyncSession]:
    async with _sessions() as session:
        yield session


app = FastAPI(lifespan=_lifespan)
Session = Annotated[AsyncSession, Depends(_session)]
_WHOLE = (selectinload(Contact.emails), selectinload(Contact.phones))


@app.post("/contacts", status_code=201)
async def create_contact(body: NewContact, session: Session) -> ContactBody:
    """Keep a new person; 409 for an e-mail that another has."""
    contact = Contact(
        first_name=body.first_name,
        last_name=body.last_name,
        company=body.company,
        emails=[Email(email=one.email.lower(), tag=one.tag) for one in body.emails],
        phones=[Phone(phone=one.phone, country_code=one.country_code) for one in body.phones],
    )
    session.add(contact)
    try:
        async with _writers:
            await session.commit()
    except IntegrityError as error:
        raise HTTPException(409, "another contact has this e-mail") from error
    return ContactBody.model_validate(contact)


@app.get("/contacts/{contact_id}")
async def get_contact(contact_id: int, session: Session) -> ContactBody:
    """One person."""
    contact = await session.get(Contact, contact_id, options=_WHOLE)
    if contact is None:
        raise HTTPException(404, "no such contact")
    return ContactBody.model_validate(contact)


@app.get("/contacts")
async def list_contacts(company: str, session: Session, limit: int = 50) -> list[ContactBody]:
    """The first people of a company, by last name."""
    query = (
        select(Contact)
        .where(Contact.company == company)
        .order_by(Contact.last_name, Contact.id)
        .limit(min(limit, 200))
        .options(*_WHOLE)
    )
    return [ContactBody.model_validate(contact) for contact in await session.scalars(query)]
