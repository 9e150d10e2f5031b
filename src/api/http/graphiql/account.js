// The bar above GraphiQL: the user, the sign-in form and the sign-out button.

import * as google from './google.js';
import * as session from './session.js';

const element = id => document.getElementById(id);
const dialog = element('sign-in');
const form = dialog.querySelector('form');

export async function start() {
  session.setOnChange(showUser);
  element('google').hidden = !google.isAvailable;
  element('open-sign-in').onclick = () => openForm();
  element('cancel').onclick = () => dialog.close();
  element('google').onclick = () => attempt(google.begin);
  element('sign-out').onclick = signOut;
  element('copy-token').onclick = copyToken;
  form.onsubmit = event => {
    event.preventDefault();
    attempt(async () => {
      await session.signIn(element('email').value, element('password').value);
      dialog.close();
      element('sign-out').focus();
    });
  };
  dialog.onclose = () => form.reset();

  try {
    const returned = google.takeCode();
    await (returned ? session.signInWithCode(returned.code, returned.verifier) : session.refresh());
    showUser();
  } catch (error) {
    showUser();
    openForm(error.message);
  }
}

function showUser() {
  const user = session.user();
  element('user').textContent = user ? `${user.email} · ${user.role.toLowerCase()}` : '';
  element('open-sign-in').hidden = Boolean(user);
  element('sign-out').hidden = !user;
  // Browsers have no clipboard on pages without TLS, except on localhost.
  element('copy-token').hidden = !user || !navigator.clipboard;
}

function openForm(error = '') {
  element('sign-in-error').textContent = error;
  dialog.showModal();
}

// Runs an action of the form and shows its error.
async function attempt(action) {
  element('sign-in-error').textContent = '';
  element('submit').disabled = true;
  try {
    await action();
  } catch (error) {
    element('sign-in-error').textContent = error.message;
  } finally {
    element('submit').disabled = false;
  }
}

async function signOut() {
  try {
    await session.signOut();
    element('open-sign-in').focus();
  } catch (error) {
    element('user').textContent = `Not signed out: ${error.message}`;
  }
}

async function copyToken() {
  await navigator.clipboard.writeText(await session.accessToken());
  element('copy-token').textContent = 'Copied';
  setTimeout(() => { element('copy-token').textContent = 'Copy token'; }, 2_000);
}
