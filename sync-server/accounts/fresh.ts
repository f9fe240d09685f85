// Whether who is signed in has proved it a moment ago, by signing in or by the password: what changes how an account is protected is
// for those alone, and not for whoever finds a console open.
import { Refusal } from '../problem.ts'
import type { SignedIn } from './signed-in.ts'

const FRESH_FOR = 10 * 60_000

/** For who proved it to somebody else, who does not say when: fresh no more, and not younger than now. */
export const staleAt = (now: number): number => now - FRESH_FOR

export const isFresh = ({ freshAt }: Pick<SignedIn, 'freshAt'>, now: number): boolean =>
  freshAt !== null && now - freshAt < FRESH_FOR

/** @throws {Refusal} 403 `confirm-first` */
export function mustBeFresh(who: Pick<SignedIn, 'freshAt'>, now: number): void {
  if (!isFresh(who, now)) throw new Refusal(403, 'confirm-first')
}
