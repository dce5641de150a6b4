"""The files of a Strapi project that keeps contacts, with components for e-mails and phones."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any, Final

TOKEN_FILE: Final = "token"
"""Where the project writes the API token that it makes at its first start."""
DATABASE_FILE: Final = "strapi.db"


def write_project(folder: Path, packages: Path, dependencies: dict[str, str]) -> None:
    """Write the project into an empty folder, with the packages that another folder has."""
    for name, content in _files(dependencies).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    (folder / "public" / "uploads").mkdir(parents=True)
    (folder / "node_modules").symlink_to(packages / "node_modules")


def _files(dependencies: dict[str, str]) -> dict[str, Any]:
    api = "src/api/contact"
    return {
        "package.json": {"name": "contacts", "private": True, "dependencies": dependencies},
        "config/server.js": _SERVER % json.dumps([secrets.token_hex()]),
        "config/admin.js": f"module.exports = {json.dumps(_admin())};",
        "config/database.js": _DATABASE,
        "config/middlewares.js": f"module.exports = {json.dumps(_MIDDLEWARES)};",
        "src/index.js": _INDEX,
        f"{api}/content-types/contact/schema.json": _CONTACT,
        f"{api}/controllers/contact.js": _made_by("Controller"),
        f"{api}/routes/contact.js": _made_by("Router"),
        f"{api}/services/contact.js": _made_by("Service"),
        "src/components/contact/email.json": _component("emails", _EMAIL),
        "src/components/contact/phone.json": _component("phones", _PHONE),
    }


def _admin() -> dict[str, Any]:
    return {
        "serveAdminPanel": False,
        "auth": {"secret": secrets.token_hex()},
        "apiToken": {"salt": secrets.token_hex()},
        "transfer": {"token": {"salt": secrets.token_hex()}},
        "secrets": {"encryptionKey": secrets.token_hex()},
    }


def _made_by(kind: str) -> str:
    return (
        f"const {{ factories }} = require('@strapi/strapi');\n"
        f"module.exports = factories.createCore{kind}('api::contact.contact');\n"
    )


def _component(table: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        "collectionName": f"components_contact_{table}",
        "info": {"displayName": table},
        "attributes": attributes,
    }


_SERVER: Final = """module.exports = ({ env }) => ({
  host: '127.0.0.1',
  port: env.int('PORT'),
  app: { keys: %s },
  logger: { updates: { enabled: false }, startup: { enabled: false } },
});
"""
_DATABASE: Final = f"""module.exports = {{
  connection: {{
    client: 'sqlite',
    connection: {{ filename: '{DATABASE_FILE}' }},
    useNullAsDefault: true,
    pool: {{
      afterCreate(connection, done) {{
        connection.pragma('journal_mode = WAL');
        connection.pragma('synchronous = FULL');
        done();
      }},
    }},
  }},
}};
"""
_MIDDLEWARES: Final = [
    "strapi::errors",
    "strapi::security",
    "strapi::cors",
    "strapi::query",
    "strapi::body",
    "strapi::session",
    "strapi::favicon",
    "strapi::public",
]
"""All that a new project has, but for the log of requests."""
_INDEX: Final = f"""const {{ writeFileSync }} = require('node:fs');

module.exports = {{
  async bootstrap({{ strapi }}) {{
    const indexes = [
      'contacts_by_company ON contacts (company, last_name)',
      'contact_emails_by_email ON components_contact_emails (email)',
    ];
    for (const index of indexes) {{
      await strapi.db.connection.raw(`CREATE INDEX IF NOT EXISTS ${{index}}`);
    }}
    const token = await strapi.service('admin::api-token').create({{
      name: 'benchmark', kind: 'content-api', type: 'full-access', lifespan: null,
    }});
    writeFileSync('{TOKEN_FILE}', token.accessKey);
  }},
}};
"""
_STRING: Final = {"type": "string"}
_CONTACT: Final = {
    "kind": "collectionType",
    "collectionName": "contacts",
    "info": {"singularName": "contact", "pluralName": "contacts", "displayName": "Contact"},
    "options": {"draftAndPublish": False},
    "attributes": {
        "first_name": _STRING,
        "last_name": _STRING,
        "company": _STRING,
        "emails": {"type": "component", "repeatable": True, "component": "contact.email"},
        "phones": {"type": "component", "repeatable": True, "component": "contact.phone"},
    },
}
_EMAIL: Final = {"email": {"type": "email", "unique": True}, "tag": _STRING}
_PHONE: Final = {"phone": _STRING, "country_code": _STRING}
