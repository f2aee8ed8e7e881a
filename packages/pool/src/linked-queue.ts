/** What a `LinkedQueue` can hold: the links live in the item, so that taking one out of the middle is O(1). */
export interface Linked<T> {
  previous: T | undefined
  next: T | undefined
}

/**
 * A first-in first-out queue whose items can leave from anywhere: an aborted task leaves at once and
 * keeps no memory. An item is in one queue at a time.
 */
export class LinkedQueue<T extends Linked<T>> {
  size = 0
  first: T | undefined
  last: T | undefined

  push(item: T): void {
    item.previous = this.last
    item.next = undefined
    if (this.last) this.last.next = item
    else this.first = item
    this.last = item
    this.size++
  }

  unshift(item: T): void {
    item.previous = undefined
    item.next = this.first
    if (this.first) this.first.previous = item
    else this.last = item
    this.first = item
    this.size++
  }

  shift(): T | undefined {
    const item = this.first
    if (item) this.remove(item)
    return item
  }

  remove(item: T): void {
    if (item.previous) item.previous.next = item.next
    else this.first = item.next
    if (item.next) item.next.previous = item.previous
    else this.last = item.previous
    item.previous = undefined
    item.next = undefined
    this.size--
  }
}
