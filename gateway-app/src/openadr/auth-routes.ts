import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ClientFile } from './clients';
import { problemBody } from './problem';
import type { TokenAnswer, Tokens } from './tokens';

/** What the routes of the authorisation work with. */
export interface AuthParts {
  readonly clients: ClientFile;
  readonly tokens: Tokens;
  /** Where tokens are fetched. */
  readonly tokenUrl: (request: FastifyRequest) => string;
}

/** Tries to log in from one address: secrets are not to be guessed, and each try costs a hash. */
const LOGIN_LIMIT = { max: 20, timeWindow: '1 minute' };

const credentialSchema = z.object({
  grant_type: z.string(),
  client_id: z.string().min(1).max(4_096),
  client_secret: z.string().min(1).max(4_096),
  scope: z.string().max(4_096).default(''),
});

interface Refusal {
  readonly status: 400 | 401;
  readonly error: 'invalid_request' | 'invalid_client' | 'invalid_scope' | 'unsupported_grant_type';
  readonly sentence: string;
}

/** Tokens for client credentials (RFC 6749, 4.4), with the credentials in the body or, as the RFC asks for, by HTTP Basic. */
export function addAuthRoutes(app: FastifyInstance, parts: AuthParts): void {
  app.get('/auth/server', (request) => ({ tokenURL: parts.tokenUrl(request) }));
  app.post('/auth/token', { config: { rateLimit: LOGIN_LIMIT } }, async (request, reply) => {
    const answer = await tokenFor(request, parts);
    void reply.header('cache-control', 'no-store');
    if ('access_token' in answer) return answer;
    const { error, sentence, status } = answer;
    if (status === 401) void reply.header('www-authenticate', 'Basic realm="openadr"');
    return reply.code(status).send({ error, error_description: sentence, ...problemBody(status, sentence) });
  });
}

async function tokenFor(request: FastifyRequest, { clients, tokens }: AuthParts): Promise<TokenAnswer | Refusal> {
  const form = { ...basicCredentials(request), ...(request.body as object | undefined) };
  const parsed = credentialSchema.safeParse(form);
  if (!parsed.success) {
    const member = parsed.error.issues[0]?.path.join('.') ?? '';
    return { status: 400, error: 'invalid_request', sentence: `${member} is missing or wrong` };
  }
  const { client_id, client_secret, grant_type, scope } = parsed.data;
  if (grant_type !== 'client_credentials') {
    return { status: 400, error: 'unsupported_grant_type', sentence: 'grant_type is client_credentials' };
  }
  const client = await clients.verify(client_id, client_secret);
  if (client === undefined) {
    return { status: 401, error: 'invalid_client', sentence: 'client_id or client_secret is wrong' };
  }
  const answer = tokens.issue(
    client,
    scope.split(' ').filter((word) => word !== ''),
  );
  return answer ?? { status: 400, error: 'invalid_scope', sentence: 'this client can have none of these scopes' };
}

function basicCredentials({ headers }: FastifyRequest): object {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(headers.authorization ?? '')?.[1];
  if (encoded === undefined) return {};
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  try {
    return { client_id: decodeURIComponent(id ?? ''), client_secret: decodeURIComponent(secret ?? '') };
  } catch {
    return {};
  }
}
