import cluster from 'node:cluster'
import type { Worker as ClusterWorker } from 'node:cluster'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { Transferable } from 'node:worker_threads'
import { COUNTER_BYTES, Counter } from './server-protocol.ts'
import type { FromMember, MemberStart, ToMember } from './server-protocol.ts'
import { toError } from './to-error.ts'

/** What a member tells the pool. */
export interface MemberEvents {
  received(message: FromMember): void
  exited(error: Error | undefined, code: number): void
}

/** One thread or process of a server pool, as the pool sees it. */
export interface Member {
  readonly id: number
  /** Heartbeats so far. */
  readonly beats: number
  /** Connections it has open, those on their way to it included. */
  readonly connections: number
  /** Connections it was given or accepted so far. */
  readonly accepted: number
  /** It is about to exit: what is sent now may be lost. */
  readonly ending: boolean
  send(message: ToMember, transfer?: readonly Transferable[]): void
  /** @throws when the socket can no longer be moved */
  handOver(socket: Socket, listener: number): void
  terminate(): void
}

const program = (name: string): URL =>
  new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** A worker thread; counts and heartbeats are in shared memory and cost no message. */
export class ThreadMember implements Member {
  readonly id: number
  readonly #cells: Int32Array
  readonly #worker: Worker
  readonly #send: (message: ToMember, transfer?: readonly Transferable[]) => void

  constructor(start: MemberStart, events: MemberEvents) {
    this.id = start.id
    const counters = new SharedArrayBuffer(COUNTER_BYTES)
    this.#cells = new Int32Array(counters)
    const { port1, port2 } = new MessageChannel()
    this.#worker = new Worker(program('server-thread'), {
      workerData: { start, port: port2, counters },
      transferList: [port2],
      name: `server ${start.id}`,
      ...(start.resourceLimits && { resourceLimits: start.resourceLimits }),
    })
    let failure: Error | undefined
    port1.on('message', (message: FromMember) => events.received(message))
    this.#worker.on('error', (error) => (failure ??= error as Error))
    this.#worker.once('exit', (code) => {
      Atomics.store(this.#cells, Counter.ending, 1)
      for (let got = receiveMessageOnPort(port1); got; got = receiveMessageOnPort(port1)) {
        events.received(got.message as FromMember)
      }
      port1.close()
      events.exited(failure, code)
    })
    this.#send = (message, transfer = []) => port1.postMessage(message, transfer as ArrayBuffer[])
  }

  get beats(): number {
    return Atomics.load(this.#cells, Counter.beats)
  }

  get connections(): number {
    return (this.accepted - Atomics.load(this.#cells, Counter.closed)) | 0
  }

  get accepted(): number {
    return Atomics.load(this.#cells, Counter.opened)
  }

  get ending(): boolean {
    return Atomics.load(this.#cells, Counter.ending) === 1
  }

  send(message: ToMember, transfer?: readonly Transferable[]): void {
    this.#send(message, transfer)
  }

  handOver(socket: Socket, listener: number): void {
    this.#send({ kind: 'connection', listener, socket }, [socket as unknown as Transferable])
    Atomics.add(this.#cells, Counter.opened, 1)
  }

  terminate(): void {
    void this.#worker.terminate()
  }
}

/** A process of `node:cluster`; counts come with its heartbeats. */
export class ProcessMember implements Member {
  readonly id: number
  beats = 0
  accepted = 0
  #closed = 0
  #exited = false
  /** Kept open here until the process says that it has them, so that none is lost when it dies before. */
  readonly #onTheWay: { readonly socket: Socket; readonly listener: number }[] = []
  readonly #worker: ClusterWorker

  constructor(start: MemberStart, events: MemberEvents) {
    this.id = start.id
    // Read at each fork, so it is set at each: other code of this process may use the cluster for its own ends.
    const exec = fileURLToPath(program('server-process'))
    const heap = start.resourceLimits?.maxOldGenerationSizeMb
    const execArgv = [
      ...process.execArgv,
      ...(heap === undefined ? [] : [`--max-old-space-size=${Math.max(1, Math.round(heap))}`]),
    ]
    cluster.setupPrimary({ exec, args: [], execArgv, serialization: 'advanced' })
    this.#worker = cluster.fork()
    let failure: Error | undefined
    this.#worker.on('message', (message: FromMember) => {
      if (message.kind === 'beat') {
        this.beats++
        this.#closed = message.closed
      } else if (message.kind === 'hello') {
        try {
          this.#worker.send(start as never)
        } catch (error) {
          failure = toError(error) // data that cannot be cloned
          this.terminate()
        }
      } else if (message.kind === 'taken') {
        this.#closed = message.closed
        this.#onTheWay.shift()?.socket.destroy()
      } else events.received(message)
    })
    this.#worker.on('error', (error) => (failure ??= error)) // a message could not be sent: it is going
    this.#worker.once('exit', (code, signal) => {
      this.#exited = true
      if (signal) failure ??= new Error(`The process was ended by ${signal}`)
      for (const { socket, listener } of this.#onTheWay.splice(0)) {
        this.#closed++
        events.received({ kind: 'returned', listener, socket })
      }
      events.exited(failure, code)
    })
  }

  get connections(): number {
    return this.accepted - this.#closed
  }

  get ending(): boolean {
    return this.#exited || !this.#worker.isConnected()
  }

  send(message: ToMember): void {
    if (this.#worker.isConnected()) this.#worker.send(message as never)
  }

  handOver(socket: Socket, listener: number): void {
    this.accepted++
    this.#onTheWay.push({ socket, listener })
    this.#worker.send({ kind: 'connection', listener } as never, socket as never, { keepOpen: true })
  }

  terminate(): void {
    this.#worker.process.kill('SIGKILL')
  }
}
