// Infos of people, made anew for each call: the SDK changes in place what it is given.
import { owner } from "./surroundings.mjs";

let number = 0;
export function freshEmail() {
  number += 1;
  return `sdk.${process.pid}.${number}@example.com`;
}

export const emailed = (...addresses) => ({
  emails: { items: addresses.map((email) => ({ email })) },
});
export const person = (email = freshEmail()) => ({
  name: { first: "Ada", last: "Byron" },
  ...emailed(email),
});

export async function created(info = person(), options = undefined) {
  const { contact } = await owner.contacts.createContact(info, options);
  return contact;
}

// One value for each part that a caller may write.
export const everyPart = () => ({
  name: { first: "Ada", last: "Byron" },
  emails: { items: [{ email: freshEmail(), tag: "WORK", primary: true }] },
  phones: { items: [{ phone: "6465676359", countryCode: "US", tag: "MOBILE", primary: true }] },
  addresses: {
    items: [
      {
        tag: "HOME",
        address: {
          addressLine1: "3 Park Ave",
          addressLine2: "Floor 2",
          city: "NY",
          subdivision: "US-NY",
          country: "US",
          postalCode: "10010",
          location: { latitude: 40.74, longitude: -73.98 },
        },
      },
    ],
  },
  company: "Engines",
  jobTitle: "Writer",
  birthdate: "1815-12-10",
  locale: "en-us",
  labelKeys: { items: ["custom.every-part"] },
  extendedFields: { items: { "custom.nickname": "Countess" } },
  picture: { image: "wix:image://v1/abc~mv2.png/portrait.png#originWidth=100&originHeight=80" },
});
