// Single-key shortcuts: whether they are on (kept on this device), and how a page listens for them. Never while somebody types or a
// dialog or menu is open; keys with Ctrl, Alt or ⌘ belong to the browser and to tinykeys.
const KEY = 'quartermaster.shortcuts'

let on = $state(localStorage.getItem(KEY) !== 'off')

export const shortcuts = {
  get on(): boolean {
    return on
  },
  set on(value: boolean) {
    on = value
    if (value) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, 'off')
  },
}

/** What a key does, by `event.key`: "/", "j", "?". */
export type KeyBindings = Readonly<Record<string, (event: KeyboardEvent) => void>>

/** Listens on the window while a component lives: `$effect(() => listenForKeys({ x: … }))`. */
export function listenForKeys(bindings: KeyBindings): () => void {
  const listener = (event: KeyboardEvent) => {
    if (!on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return
    if (document.querySelector(':is([role="dialog"], [role="menu"], [role="listbox"])[data-state="open"]')) return
    bindings[event.key]?.(event)
  }
  addEventListener('keydown', listener)
  return () => removeEventListener('keydown', listener)
}

/** Whether the key goes into a field; a box or a button takes no letters. */
export function isTyping({ target }: Event): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button'].includes(target.type)
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target.role === 'combobox'
}
