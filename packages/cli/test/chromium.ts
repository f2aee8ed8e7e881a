import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCommand } from '@tsws/testing'
import { eventually } from './tsws.ts'

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
)

export const HAS_CHROMIUM: boolean = CHROMIUM !== undefined

/** What the browser got of one answer. */
export interface Loaded {
  url: string
  status: number
  fields: Readonly<Record<string, string>>
}

/** A tab of a headless Chromium, driven by its DevTools protocol. */
export interface Tab extends AsyncDisposable {
  /** Answers so far, in order. */
  readonly loaded: Loaded[]
  /** Errors in the console and requests that failed: one line each. */
  readonly complaints: string[]
  /** Goes to that address and waits until the page has loaded. */
  open(url: string): Promise<void>
  /** The value of an expression in the page; promises are waited for. */
  evaluate<T>(expression: string): Promise<T>
  send<T>(method: string, params?: object): Promise<T>
}

/** @param env for its process: `HOME` is where it keeps whom it trusts */
export async function openTab(env: NodeJS.ProcessEnv = {}): Promise<Tab> {
  const profile = await mkdtemp(join(tmpdir(), 'tsws-chromium-'))
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
  const media = ['--autoplay-policy=no-user-gesture-required', '--mute-audio']
  const own = ['--remote-debugging-port=0', `--user-data-dir=${profile}`]
  const browser = startCommand([CHROMIUM as string, ...flags, ...quiet, ...media, ...own, 'about:blank'], {
    env,
  })
  const close = async (): Promise<void> => {
    await browser[Symbol.asyncDispose]()
    await rm(profile, { recursive: true, force: true, maxRetries: 10 })
  }
  try {
    return await attach(await pageSocket(profile), close)
  } catch (error) {
    await close()
    throw error
  }
}

/** Where the first tab can be spoken to: Chromium writes its port into its profile. */
async function pageSocket(profile: string): Promise<string> {
  let found: string | undefined
  await eventually(async () => {
    const [port] = (await readFile(join(profile, 'DevToolsActivePort'), 'utf8')).split('\n')
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
      type: string
      webSocketDebuggerUrl: string
    }[]
    found = targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl
    if (found === undefined) throw new Error('no page yet')
  }, 20_000)
  return found as string
}

interface Message {
  id?: number
  method?: string
  params?: Record<string, never>
  result?: unknown
  error?: { message: string }
}

async function attach(url: string, close: () => Promise<void>): Promise<Tab> {
  const socket = new WebSocket(url)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error('Chromium does not answer')))
  })
  const waiting = new Map<number, (message: Message) => void>()
  const loaded: Loaded[] = []
  const complaints: string[] = []
  let onLoad: () => void = () => {}
  let count = 0
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message
    if (message.id !== undefined) waiting.get(message.id)?.(message)
    else if (message.method === 'Page.loadEventFired') onLoad()
    else note(message, loaded, complaints)
  })
  const send = <T>(method: string, params: object = {}): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = ++count
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id)
        if (error === undefined) resolve(result as T)
        else reject(new Error(`${method}: ${error.message}`))
      })
      socket.send(JSON.stringify({ id, method, params }))
    })
  for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await send(`${domain}.enable`)
  return {
    loaded,
    complaints,
    send,
    async open(address) {
      const done = new Promise<void>((resolve) => (onLoad = resolve))
      await send('Page.navigate', { url: address })
      await done
    },
    async evaluate<T>(expression: string) {
      const answer = await send<{ result: { value: T }; exceptionDetails?: { text: string } }>(
        'Runtime.evaluate',
        { expression, awaitPromise: true, returnByValue: true, userGesture: true },
      )
      if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails))
      return answer.result.value
    },
    async [Symbol.asyncDispose]() {
      socket.close()
      await close()
    },
  }
}

interface Noted {
  response?: { url: string; status: number; headers: Record<string, string> }
  entry?: { level: string; text: string; url?: string }
  exceptionDetails?: { text: string }
  errorText?: string
  canceled?: boolean
}

function note({ method, params }: Message, loaded: Loaded[], complaints: string[]): void {
  const { response, entry, exceptionDetails, errorText, canceled } = params as Noted
  if (method === 'Network.responseReceived' && response !== undefined) {
    const fields = Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value])
    loaded.push({
      url: response.url,
      status: response.status,
      fields: Object.fromEntries(fields) as Record<string, string>,
    })
  } else if (method === 'Log.entryAdded' && entry?.level === 'error') {
    complaints.push(`${entry.text} ${entry.url ?? ''}`.trim())
  } else if (method === 'Runtime.exceptionThrown') complaints.push(exceptionDetails?.text ?? 'an exception')
  else if (method === 'Network.loadingFailed' && canceled !== true)
    complaints.push(errorText ?? 'a failed request')
}
