/** What the process owner does to a running server, and what user code does to the process. */
export interface ProcessEvents {
  /** The first SIGINT or SIGTERM: finish what is in flight, then resolve. */
  stop(signal: NodeJS.Signals): Promise<void>
  /** SIGHUP: take what has changed on disk. Null leaves the signal to Node, which ends the process. */
  reload: (() => Promise<void>) | null
  /** An exception or a rejection that nobody caught. */
  report(error: unknown, origin: 'uncaughtException' | 'unhandledRejection' | typeof RELOAD_FAILED): void
}

const RELOAD_FAILED = 'reload failed, everything goes on as before'

const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const

/**
 * The first signal ends the server with grace and exit code 0; a second one ends the process at
 * once, with 128 and the signal's number as shells have it.
 *
 * An exception that nobody caught is reported and the process lives on. It comes from code that a
 * `--use` module left running (a timer, a forgotten promise): the server's own state is not part
 * of it, and ending would cut every other client off.
 */
export function watchProcess({ stop, reload, report }: ProcessEvents): void {
  let isStopping = false
  const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (isStopping) process.exit(128 + SIGNAL_NUMBERS[signal])
    isStopping = true
    stop(signal).then(
      () => process.exit(0),
      (error: unknown) => {
        report(error, 'unhandledRejection')
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  if (reload !== null) {
    const reloadOnce = coalesce(async () => {
      if (isStopping) return
      await reload().catch((error: unknown) => {
        if (!isStopping) report(error, RELOAD_FAILED)
      })
    })
    process.on('SIGHUP', reloadOnce)
  }
  process.on('uncaughtException', (error) => report(error, 'uncaughtException'))
  process.on('unhandledRejection', (reason) => report(reason, 'unhandledRejection'))
}

/** Signals that come while one is being obeyed ask for one more time, however many they are. */
function coalesce(work: () => Promise<void>): () => void {
  let isRunning = false
  let isWanted = false
  return () => {
    isWanted = true
    if (isRunning) return
    isRunning = true
    void (async () => {
      while (isWanted) {
        isWanted = false
        await work()
      }
      isRunning = false
    })()
  }
}
