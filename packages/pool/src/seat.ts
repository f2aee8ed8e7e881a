import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { decodeThrown } from './error-transport.ts'
import { PoolError } from './errors.ts'
import { ProcessMember, ThreadMember } from './server-member.ts'
import type { Member } from './server-member.ts'
import { toError } from './to-error.ts'
import type { FromMember, MemberStart, MemberStats } from './server-protocol.ts'

/** Why a server thread ended: by itself (`crashed`), without heartbeat (`hung`), after `drain`, or by `close`. */
export type SeatEndReason = 'crashed' | 'hung' | 'drained' | 'closed'

export interface SeatEvents {
  ended(seat: Seat, reason: SeatEndReason, error: Error | undefined): void
  message(value: unknown): void
  /** A connection that it was given and did not begin with. */
  returned(socket: Socket, listener: number): void
}

/** The life of one server thread: starting → serving → draining → ended. */
export class Seat {
  readonly id: number
  readonly member: Member
  readonly startedAt = performance.now()
  /** Fulfilled when the module is loaded; rejected when the thread ends before. */
  readonly ready: Promise<void>
  /** Fulfilled when it listens for itself (`reusePort`). */
  readonly listening: Promise<void>
  /** Fulfilled when the thread has ended. */
  readonly gone: Promise<void>
  state: 'starting' | 'serving' | 'draining' | 'ended' = 'starting'
  /** It has served at some time. */
  served = false
  /** Another thread has taken its place. */
  replaced = false

  readonly #events: SeatEvents
  readonly #ready = Promise.withResolvers<void>()
  readonly #listening = Promise.withResolvers<void>()
  readonly #gone = Promise.withResolvers<void>()
  readonly #drained = Promise.withResolvers<void>()
  readonly #answers = new Map<number, (stats: MemberStats) => void>()
  #question = 0
  #draining = false
  #endReason: SeatEndReason | undefined
  #error: Error | undefined
  #beats = 0
  #beatAt = this.startedAt

  constructor(start: MemberStart, startTimeout: number, events: SeatEvents) {
    this.id = start.id
    this.#events = events
    this.ready = this.#ready.promise
    this.listening = this.#listening.promise
    this.gone = this.#gone.promise
    // Each is awaited only on some paths; their failure is always told by `ended` too.
    for (const promise of [this.ready, this.listening]) promise.catch(() => undefined)
    const own = {
      received: (message: FromMember) => this.#received(message),
      exited: (error: Error | undefined, code: number) => this.#exited(error, code),
    }
    this.member = start.strategy === 'cluster' ? new ProcessMember(start, own) : new ThreadMember(start, own)
    const timer = setTimeout(() => {
      this.end('crashed', new Error(`The thread was not ready within ${startTimeout} ms`))
    }, startTimeout).unref()
    const clear = (): void => clearTimeout(timer)
    this.ready.then(clear, clear)
  }

  /** Connections may come. @returns false when it has ended */
  serve(): boolean {
    if (this.state !== 'starting') return false
    this.state = 'serving'
    this.served = true
    this.forgive(performance.now())
    return true
  }

  /** No more connections are given to it. @returns false when it has ended */
  leave(): boolean {
    if (this.state !== 'ended') this.state = 'draining'
    return this.state === 'draining'
  }

  /** Lets it finish its connections, then ends it. Asked several times, it does so once, within the shortest grace. */
  async drain(grace: number): Promise<void> {
    if (this.state === 'ended') return
    if (!this.#draining) this.member.send({ kind: 'drain', grace })
    this.#draining = true
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, grace)))
    await Promise.race([this.#drained.promise, this.gone, over])
    clearTimeout(timer)
    this.end('drained')
    await this.gone
  }

  end(reason: SeatEndReason, error?: Error): void {
    this.#endReason ??= reason
    this.#error ??= error
    this.member.terminate()
  }

  /** The thread's own figures; undefined when it does not answer in time. */
  ask(timeout: number): Promise<MemberStats | undefined> {
    const question = ++this.#question
    return new Promise((resolve) => {
      const done = (stats?: MemberStats): void => {
        clearTimeout(timer)
        this.#answers.delete(question)
        resolve(stats)
      }
      const timer = setTimeout(done, timeout)
      void this.gone.then(() => done())
      this.#answers.set(question, done)
      this.member.send({ kind: 'stats', question })
    })
  }

  /** Time (ms) since its last heartbeat was noticed. */
  silentFor(now: number): number {
    const { beats } = this.member
    if (beats !== this.#beats) {
      this.#beats = beats
      this.#beatAt = now
    }
    return now - this.#beatAt
  }

  /** Counts its silence from now on. */
  forgive(now: number): void {
    this.#beatAt = now
  }

  #received(message: FromMember): void {
    switch (message.kind) {
      case 'ready':
        return this.#ready.resolve()
      case 'failed':
        return this.end('crashed', toError(decodeThrown(message.thrown)))
      case 'listening':
        if (message.thrown) this.end('crashed', toError(decodeThrown(message.thrown)))
        else this.#listening.resolve()
        return
      case 'drained':
        return this.#drained.resolve()
      case 'stats':
        return this.#answers.get(message.question)?.(message.stats)
      case 'returned':
        return this.#events.returned(message.socket, message.listener)
      case 'message':
        return this.#events.message(message.value)
    }
  }

  #exited(error: Error | undefined, code: number): void {
    const wasStarting = this.state === 'starting'
    this.state = 'ended'
    const reason = this.#endReason ?? 'crashed'
    const cause = this.#error ?? error ?? new Error(`The thread called process.exit(${code})`)
    if (wasStarting) {
      const failure =
        reason === 'closed'
          ? new PoolError('ERR_POOL_CLOSED', 'The server pool was closed before its thread served')
          : startFailure(cause)
      this.#ready.reject(failure)
      this.#listening.reject(failure)
    }
    this.#gone.resolve()
    this.#events.ended(this, reason, reason === 'crashed' || reason === 'hung' ? cause : undefined)
  }
}

export function startFailure(cause: Error): PoolError {
  return new PoolError('ERR_POOL_SERVER_START', `A server thread could not be started: ${cause.message}`, {
    cause,
  })
}
