// Running an operation: the one door through which rows change, on the device and on the server alike.
// Authority is judged here, anew for each operation, by the actor's row as it stands now.
import * as v from 'valibot'
import { read, type Malformed } from '../faults.ts'
import type { Role } from '../model.ts'
import type { View } from '../view.ts'
import type { Context, Definition } from './definition.ts'
import { rejected, withItem, type Outcome } from './outcome.ts'
import { actions, definitionOf } from './registry.ts'
import { itemsOfUndo, undo } from './undo.ts'

const ADMINS: readonly Role[] = ['admin']
const routed: ReadonlySet<string> = new Set([...actions.map(({ type }) => type), undo.type])

/** The definition of an operation that a request may carry (inner ones may not); undefined for an unknown type. */
export function routedDefinition(type: string): Definition | undefined {
  if (!routed.has(type)) return undefined
  return type === undo.type ? (undo as unknown as Definition) : definitionOf(type)
}

export type ParsedCall = { definition: Definition; args: unknown }
export type { Malformed }

/** Parses a call's args by its definition. A fault is answered with the path that leads to it. */
export function parseCall(
  type: string,
  args: unknown,
): { ok: true; call: ParsedCall } | { ok: false; fault: Malformed } {
  const definition = routedDefinition(type)
  if (!definition) return { ok: false, fault: { path: 'type', message: 'Is not an operation that is known here.' } }
  const parsed = read(definition.args, args)
  if (parsed.ok) return { ok: true, call: { definition, args: parsed.output } }
  const { path, message } = parsed.fault
  return { ok: false, fault: { path: ['args', path].filter(Boolean).join('.'), message } }
}

/**
 * Applies a parsed call to a view and answers one outcome per item. With `atomic`, one rejection leaves the view as it was and
 * turns every item that would have been applied into `all-or-nothing`.
 */
export function run(view: View, { definition, args }: ParsedCall, context: Context, atomic = false): Outcome[] {
  const actor = view.users.get(context.actor)
  if (actor?.status !== 'active' || !(definition.may ?? ADMINS).includes(actor.role))
    return itemsOf(definition, args, context).map((item) => withItem(item, rejected('forbidden', {})))

  const outcomes = definition.apply(view, args, context)
  const refused = outcomes.filter(({ result }) => result === 'rejected').length
  if (!atomic || refused === 0) return outcomes
  view.discard()
  return outcomes.map((outcome) =>
    outcome.result === 'applied' ? withItem(outcome.item, rejected('all-or-nothing', { rejected: refused })) : outcome,
  )
}

/** The items of a call; only an undo without ids needs its past for that. */
const itemsOf = (definition: Definition, args: unknown, { past }: Context): readonly string[] =>
  definition.type === undo.type ? itemsOfUndo(v.parse(undo.args, args), past) : definition.items(args)
