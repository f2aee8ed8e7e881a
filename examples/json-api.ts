// tsws --use examples/json-api.ts
//   curl -d '{"text":"buy milk"}' localhost:8080/api/notes
//   curl localhost:8080/api/notes
import { HttpError, respond } from '@tsws/http'
import type { HttpRequest, HttpResponse, Middleware } from '@tsws/http'

interface Note {
  id: number
  text: string
}

/** Bytes a request body may have: a note is short, and what is read here is held in memory. */
const MAX_NOTE_BYTES = 4096
/** Notes kept; the oldest makes room for the newest. Memory must not grow with the number of requests. */
const MAX_NOTES = 1000

const notes: Note[] = []
let lastId = 0

/** `GET /api/notes` lists, `POST /api/notes` adds, `GET` and `DELETE /api/notes/1` are about one. */
const api: Middleware = (request, next) => {
  const { pathname, method } = request
  if (pathname === '/api/notes') {
    if (method === 'GET' || method === 'HEAD') return respond.json(notes)
    if (method === 'POST') return add(request)
    throw notAllowed('GET, HEAD, POST')
  }
  const id = /^\/api\/notes\/(\d{1,9})$/.exec(pathname)?.[1]
  if (id === undefined) return next(request)
  const note = find(Number(id))
  if (method === 'GET' || method === 'HEAD') return respond.json(note)
  if (method === 'DELETE') {
    notes.splice(notes.indexOf(note), 1)
    return respond.empty()
  }
  throw notAllowed('GET, HEAD, DELETE')
}

async function add(request: HttpRequest): Promise<HttpResponse> {
  const note: Note = { id: 0, text: textOf(await request.json({ limit: MAX_NOTE_BYTES })) }
  note.id = ++lastId
  notes.push(note)
  if (notes.length > MAX_NOTES) notes.shift()
  return respond.json(note, { status: 201, headers: { Location: `/api/notes/${note.id}` } })
}

/** What a client sends is `unknown` until it has been looked at. */
function textOf(body: unknown): string {
  if (typeof body === 'object' && body !== null && 'text' in body && typeof body.text === 'string') {
    return body.text
  }
  throw new HttpError(422, 'a note needs a text: {"text":"…"}', { code: 'ERR_NOTE_WITHOUT_TEXT' })
}

function find(id: number): Note {
  const note = notes.find((candidate) => candidate.id === id)
  if (note === undefined) throw new HttpError(404, `there is no note ${id}`)
  return note
}

function notAllowed(allow: string): HttpError {
  return new HttpError(405, `allowed here: ${allow}`, { headers: { Allow: allow } })
}

export default api
