// A dialog that is mounted on the page of a component test, by what a person finds in it.
import { settled } from './settled.ts'

export const dialog = () => document.querySelector('[role="dialog"]')
export const text = () => dialog()?.textContent.replace(/\s+/g, ' ') ?? ''
export const label = () => dialog()?.querySelector('button[type="submit"]')?.textContent.trim()

export function field(name: string): HTMLInputElement {
  const labels = [...(dialog()?.querySelectorAll('label') ?? [])]
  const of = labels.find(({ textContent }) => textContent.trim() === name)
  const named = dialog()?.querySelector(`[aria-label="${name}"]`)
  const found = of ? (document.getElementById(of.htmlFor) ?? of.querySelector('input')) : named
  if (!(found instanceof HTMLInputElement)) throw new Error(`No field is called ${name}.`)
  return found
}

export async function fill(name: string, value: string): Promise<void> {
  const input = field(name)
  input.value = value
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await settled()
}

export async function press(name: string): Promise<void> {
  const buttons = [...(dialog()?.querySelectorAll('button') ?? [])]
  const found = buttons.find((button) => (button.getAttribute('aria-label') ?? button.textContent.trim()) === name)
  if (!found) throw new Error(`No button is called ${name}.`)
  found.click()
  await settled()
}

/** Ctrl with Enter. */
export async function confirm(): Promise<void> {
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true }))
  await settled()
}

/** What the dialog says of itself when it opens. */
export function description(): string | undefined {
  const id = dialog()?.getAttribute('aria-describedby')
  return id ? document.getElementById(id)?.textContent.replace(/\s+/g, ' ').trim() : undefined
}
