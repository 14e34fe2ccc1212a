// Keeps a draft of a long form while somebody types, so that a closed lid or an ended session costs nothing. The server
// keeps it for this person alone and offers it back; without this script the form is saved by its button.

const EVERY = 15000 // milliseconds
const form = document.querySelector('form[data-hscp-draft]')
const status = document.querySelector('[data-hscp-draft-status]')

let kept = form && !('hscpUnsaved' in form.dataset) ? written() : ''
let leaving = false
let stopped = false

function written() {
  return new URLSearchParams(new FormData(form)).toString()
}

function say(sentence, isProblem = false) {
  if (status.textContent !== sentence) status.textContent = sentence
  status.classList.toggle('hscp-draft--problem', isProblem)
}

async function keep({ last = false } = {}) {
  const now = written()
  if (leaving || stopped || now === kept) return
  try {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const options = { method: 'POST', body: now, headers, redirect: 'manual', credentials: 'same-origin', keepalive: last }
    await answer(await fetch(form.dataset.hscpDraft, options), now)
  } catch {
    say('The draft could not be saved: there is no connection. What you typed is still here. Trying again.', true)
  }
}

async function answer(response, now) {
  if (response.type === 'opaqueredirect') {
    say('You have been signed out. What you typed is still on this page: press “Save and continue” to sign in and go on.', true)
    return
  }
  if (response.status === 403) {
    say('The draft could not be saved: you have signed in again in another window. Copy what you typed, then reload this page.', true)
    return
  }
  if (response.status === 409 || response.status === 400) {
    stopped = true
    say(`${(await response.json()).error} What you typed is still on this page, but can no longer be saved.`, true)
    return
  }
  if (!response.ok) throw new Error(`status ${response.status}`)
  kept = now
  say(`Draft saved at ${(await response.json()).kept_at}`)
}

if (form && status) {
  setInterval(keep, EVERY)
  form.addEventListener('submit', () => {
    leaving = true // saving takes the draft away: do not send another after it
    setTimeout(() => { leaving = false }, 2 * EVERY) // still here: the server did not answer
  })
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') keep({ last: true }) })
  window.addEventListener('pagehide', () => keep({ last: true }))
  window.addEventListener('pageshow', (event) => { if (event.persisted) leaving = false })
}
