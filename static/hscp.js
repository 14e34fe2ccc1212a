// Small enhancements: every page works without them.

// The address carries the hash of the file in production, so the page gives it (base.html).
const govuk = await import(document.querySelector('link[data-govuk-frontend]').href)

// GOV.UK Frontend puts aria-expanded on radio buttons, where ARIA does not allow it. What a button reveals follows it.
function tidyRadios () {
  for (const radio of document.querySelectorAll('.govuk-radios__input[aria-expanded]')) {
    radio.removeAttribute('aria-expanded')
  }
}

function enliven (scope) {
  govuk.initAll({ scope })
  tidyRadios()
}

enliven(document)
document.addEventListener('click', tidyRadios)
window.addEventListener('pageshow', tidyRadios)

// On a phone the filters would push the list out of sight: fold them, unless they are in use.
if (window.matchMedia('(max-width: 40em)').matches) {
  for (const panel of document.querySelectorAll('details[data-hscp-fold]')) panel.open = false
}

// Parts that htmx swaps in bring components of their own.
document.addEventListener('htmx:afterSettle', (event) => enliven(event.detail.elt))

// A button that prints or saves the page.
for (const button of document.querySelectorAll('[data-hscp-print]')) {
  button.hidden = false
  button.addEventListener('click', () => window.print())
}

// Passkeys: allauth's script does the talking to the device and reports trouble only to the console.
document.addEventListener('allauth.error', (event) => {
  const place = document.querySelector('[data-hscp-passkey-error]')
  if (!place) return
  event.preventDefault()
  place.hidden = false
  place.focus()
})
