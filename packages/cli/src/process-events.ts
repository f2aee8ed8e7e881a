/** What the process owner does to a running server, and what user code does to the process. */
export interface ProcessEvents {
  /** The first signal that ends: finish what is in flight, then resolve. */
  stop(signal: NodeJS.Signals): Promise<void>
  /** SIGHUP: take what has changed on disk. Null leaves the signal to Node, which ends the process. Not on Windows. */
  reload: (() => Promise<void>) | null
  /** An exception or a rejection that nobody caught. */
  report(error: unknown, origin: 'uncaughtException' | 'unhandledRejection' | typeof RELOAD_FAILED): void
}

const RELOAD_FAILED = 'reload failed, everything goes on as before'

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15, SIGBREAK: 21 } as const
type EndingSignal = keyof typeof SIGNAL_NUMBERS

/** What ends the server, and what makes it look at its files again. */
export function signalsOf(platform: string): { ends: readonly EndingSignal[]; reloads: 'SIGHUP' | null } {
  // Windows knows Ctrl+Break, and has SIGHUP mean that the console was closed, ten seconds before it ends the process itself.
  if (platform === 'win32') return { ends: ['SIGINT', 'SIGTERM', 'SIGBREAK', 'SIGHUP'], reloads: null }
  return { ends: ['SIGINT', 'SIGTERM'], reloads: 'SIGHUP' }
}

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
  const { ends, reloads } = signalsOf(process.platform)
  const onSignal = (signal: EndingSignal): void => {
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
  for (const signal of ends) process.on(signal, onSignal)
  if (reload !== null && reloads !== null) {
    const reloadOnce = coalesce(async () => {
      if (isStopping) return
      await reload().catch((error: unknown) => {
        if (!isStopping) report(error, RELOAD_FAILED)
      })
    })
    process.on(reloads, reloadOnce)
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
