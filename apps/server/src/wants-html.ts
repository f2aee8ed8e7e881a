import type { HttpRequest } from '@tsws/http'

/** Whether a person in front of a browser reads the answer: browsers name HTML, programs rarely do. */
export function wantsHtml(request: HttpRequest | null): boolean {
  return request?.headers.get('accept')?.includes('text/html') ?? false
}
