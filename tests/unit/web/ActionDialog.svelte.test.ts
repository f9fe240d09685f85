// The dialog of every admin action: an error keeps the form, a blocked action cannot be confirmed, nothing is confirmed twice.
import { flushSync, mount, unmount } from 'svelte'
import { afterEach, expect, test, vi } from 'vitest'
import ActionDialog from '#lib/components/ActionDialog.svelte'

let dialog: Record<string, unknown> | undefined

function open(onconfirm: () => void | Promise<void>, blocked?: string) {
  dialog = mount(ActionDialog, {
    target: document.body,
    props: { open: true, title: 'Deactivate User', confirmLabel: 'Deactivate 12 users', blocked, onconfirm },
  })
  flushSync()
}

const button = () => document.querySelector<HTMLButtonElement>('button[type="submit"]')
const press = () => window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true }))

afterEach(async () => {
  if (dialog) await unmount(dialog)
  dialog = undefined
})

test('shows what went wrong and keeps the form', async () => {
  open(() => Promise.reject(new Error('This device is full.')))
  press()
  await vi.waitFor(() =>
    expect(document.querySelector('[role="alert"]')?.textContent).toContain('This device is full.'),
  )
  expect(button()?.textContent.trim()).toBe('Deactivate 12 users')
})

test('is confirmed once, however often the keys are pressed', () => {
  const confirm = vi.fn(() => new Promise<void>(() => undefined))
  open(confirm)
  press()
  press()
  expect(confirm).toHaveBeenCalledTimes(1)
})

test('a blocked action says why and does nothing', () => {
  const confirm = vi.fn()
  open(confirm, 'No seat is left.')
  press()
  expect(confirm).not.toHaveBeenCalled()
  expect(document.body.textContent).toContain('No seat is left.')
  expect(button()?.getAttribute('aria-disabled')).toBe('true')
})
