// The emails of a server in development, which are files.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./browser.js";

const FOLDER = process.env.MAIL_FOLDER ?? "../../data/mail";

/** @returns {Set<string>} The names of the emails so far. */
export function emails() {
  try {
    return new Set(readdirSync(FOLDER).filter((name) => name.endsWith(".eml")));
  } catch {
    return new Set();
  }
}

/**
 * Waits for an email to this address, and returns the code in it.
 *
 * @param {string} address
 * @param {Set<string>} before The emails that are not meant.
 * @param {RegExp} [pattern] The code.
 */
export async function codeFor(address, before, pattern = /^\d{6}/m) {
  let code = "";
  await eventually(() => {
    const names = [...emails()].filter((name) => !before.has(name));
    const texts = names.map((name) => decode(readFileSync(join(FOLDER, name), "utf8")));
    const found = texts.find((text) => text.includes(address))?.match(pattern)?.[0];
    if (!found) throw new Error(`No email to ${address} with a code in ${FOLDER}`);
    code = found;
  });
  return code;
}

/**
 * Decodes quoted-printable texts.
 *
 * @param {string} text
 */
function decode(text) {
  const joined = text.replaceAll(/=\r?\n/g, "");
  return joined.replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}
