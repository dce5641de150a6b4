#!/bin/sh
# The three examples of the reference with curl. Prints one answer a line.
#
#   CONTACTORY_KEY=ctk_... ./create_contact.sh [http://127.0.0.1:8000]
set -eu
server=${1:-http://127.0.0.1:8000}

create() {
    curl --silent --show-error --fail-with-body "$server/contacts/v4/contacts" \
        --header "Authorization: $CONTACTORY_KEY" \
        --header "Content-Type: application/json" \
        --data "$1"
    echo
}

# A name and an e-mail.
create '{
  "info": {
    "name": {"first": "John", "last": "Doe"},
    "emails": {"items": [{"email": "johndoe1@example.com"}]}
  }
}'

# The same again: refused, unless duplicates are allowed.
create '{
  "info": {
    "name": {"first": "John", "last": "Doe"},
    "emails": {"items": [{"email": "johndoe1@example.com"}]}
  },
  "allowDuplicates": true
}'

# Most of what a contact can have. Over HTTP the street is called addressLine, an id id.
create '{
  "info": {
    "name": {"first": "John", "last": "Doe"},
    "emails": {"items": [{
      "tag": "UNTAGGED",
      "email": "johndoe1@example.com",
      "id": "37db3bde-83c0-4ca2-8097-88964a2f343b"
    }]},
    "company": "Wix",
    "jobTitle": "Writer",
    "phones": {"items": [{
      "phone": "6465676359", "countryCode": "US", "primary": "true", "tag": "MOBILE"
    }]},
    "birthdate": "1995-04-25",
    "locale": "en-us",
    "labelKeys": {"items": ["custom.contact"]},
    "extendedFields": {"items": {"custom.nickname": "Jonny"}},
    "addresses": {"items": [{
      "tag": "HOME",
      "address": {
        "addressLine": "3 Park Ave",
        "city": "NY",
        "subdivision": "US-NY",
        "country": "US",
        "postalCode": "10010"
      }
    }]}
  },
  "allowDuplicates": true
}'
