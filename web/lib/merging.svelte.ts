// A form over a row that others change too: what they save comes into the fields that were not touched, and is told where one was, so that
// nothing is overwritten unseen. What is typed is kept for this tab. Where something is added there is no row yet.
import type { TypedForm } from '#lib/kept-for-tab.ts'
import { setOf } from '#lib/users/sets.ts'

interface Doors<Row, Form> {
  row: Row
  formOf: (row: Row) => Form
  /** Who types, and where there are many forms of the kind: which. */
  account: string
  typed: TypedForm<Form>
}

export function createMerging<Row, Form extends object>({ row, formOf, account, typed }: Doors<Row, Form>) {
  type Field = keyof Form & string
  // The row that stands: what is typed is merged against it.
  let seen = $state.raw(row)
  const begun: Form = { ...formOf(row), ...typed.kept(account) }
  let form = $state.raw(begun)
  let overtaken = $state.raw(setOf<Field>([]))

  const differing = (a: Form, b: Form): Field[] =>
    (Object.keys(b) as Field[]).filter((field) => JSON.stringify(a[field]) !== JSON.stringify(b[field]))
  const some = (of: Form, fields: readonly Field[]) =>
    Object.fromEntries(fields.map((field) => [field, of[field]])) as Partial<Form>

  let restored = $state.raw(differing(begun, formOf(row)).length > 0)
  function forget(): void {
    restored = false
    typed.forget(account)
  }

  return {
    get form(): Form {
      return form
    },
    get seen(): Row {
      return seen
    },
    /** What was typed before this opening stands in the form. */
    get restored(): boolean {
      return restored
    },
    /** Fields that were typed, and that somebody else has changed to another value meanwhile. */
    get overtaken(): ReadonlySet<Field> {
      return overtaken
    },
    type(part: Partial<Form>): void {
      form = { ...form, ...part }
      typed.keep(account, some(form, differing(form, formOf(seen))))
    },
    /** The row has moved. */
    follow(next: Row): void {
      if (next === seen) return
      const [was, is] = [formOf(seen), formOf(next)]
      const [touched, moved] = [setOf(differing(form, was)), differing(was, is)]
      const coming = some(
        is,
        moved.filter((field) => !touched.has(field)),
      )
      form = { ...form, ...coming }
      const different = setOf(differing(form, is))
      overtaken = setOf([...overtaken, ...moved].filter((field) => different.has(field)))
      seen = next
    },
    forget,
    /** The form is as if nothing had been typed. */
    startOver(): void {
      form = formOf(seen)
      overtaken = setOf([])
      forget()
    },
  }
}
