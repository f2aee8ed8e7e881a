/** Has a place in a `Roster`, or had one. */
export interface Member {
  /** Where; -1 for one that is in none. */
  place: number
}

/**
 * The open connections of a server. A `Set` would do, were it not for the garbage collector: each time
 * one grows out of its table, the old table goes on to refer to the new one and to all that was in it. Once a
 * table has lived long enough to be old, no collection of the young sees that it is dead, so the connections of
 * all later tables grow old with it: thousands, copied twice, in pauses of 10 to 25 ms.
 */
export class Roster<T extends Member> implements Iterable<T> {
  readonly #members: T[] = []

  get size(): number {
    return this.#members.length
  }

  add(member: T): void {
    member.place = this.#members.push(member) - 1
  }

  /** Does nothing for one that is not here. The last member takes the free place. */
  delete(member: T): void {
    const { place } = member
    if (place < 0) return
    const last = this.#members.pop() as T
    if (last !== member) {
      this.#members[place] = last
      last.place = place
    }
    member.place = -1
  }

  /** From the last to the first, so that one which is deleted at its turn moves nobody who had theirs not yet. */
  *[Symbol.iterator](): Generator<T> {
    for (let place = this.#members.length - 1; place >= 0; place--) {
      const member = this.#members[place]
      if (member !== undefined) yield member
    }
  }
}
