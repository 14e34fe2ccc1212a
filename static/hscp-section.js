// The form of a section: opens what an answer asks for (an action, a reason) as soon as it is given. Without this script
// the same parts are opened by hand.

function given(question) {
  const answer = question.querySelector('.hscp-question__main > .govuk-form-group')
  const boxes = answer ? answer.querySelectorAll('input') : []
  const chosen = [...boxes].filter((box) => box.checked).map((box) => box.value)
  const never = question.querySelector('[data-hscp-never]')?.checked ?? false
  const typed = [...boxes].filter((box) => box.type === 'text').map((box) => box.value.trim())
  return { chosen, typed, never }
}

function words(text) {
  return (text ?? '').split(' ').filter(Boolean)
}

function isOld(typed, before) {
  const [day, month, year] = typed.map(Number)
  if (!before || typed.length !== 3 || !(year > 999) || !month || !day) return false
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}` < before
}

function isWeak(question) {
  const { chosen, typed, never } = given(question)
  const { hscpWeak, hscpWeakBelow, hscpWeakBefore } = question.dataset
  if (never) return true
  if (words(hscpWeak).some((code) => chosen.includes(code))) return true
  if (hscpWeakBelow && /^\d+\s*%?$/.test(typed[0] ?? '')) return parseInt(typed[0], 10) < Number(hscpWeakBelow)
  return isOld(typed, hscpWeakBefore)
}

function open(question) {
  const action = question.querySelector('[data-hscp-weak-details]')
  if (action && isWeak(question)) action.open = true
  const reason = question.querySelector('[data-hscp-reason-details]')
  if (reason && words(question.dataset.hscpReason).some((code) => given(question).chosen.includes(code))) reason.open = true
}

for (const question of document.querySelectorAll('.hscp-question')) {
  open(question)
  question.addEventListener('change', () => open(question))
}

