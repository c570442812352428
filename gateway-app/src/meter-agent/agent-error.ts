/** Why an agent or the gateway of a community cannot go on, in precedence order. docs/meter-agent.md explains every code. */
export const agentErrorCodes = [
  'AGENT_CONFIG_INVALID',
  'AGENT_INPUT_COLUMN',
  'AGENT_INPUT_CHANGED',
  'AGENT_GATEWAY_UNKNOWN',
  'AGENT_RESOLUTION',
  'AGENT_KEY_UNKNOWN',
  'AGENT_QUEUE_BEHIND',
  'AGENT_QUEUE_AHEAD',
  'AGENT_CHAIN_DIFFERS',
  'AGENT_BLOCK_REFUSED',
] as const;

/** The stable code of what stops an agent. */
export type AgentErrorCode = (typeof agentErrorCodes)[number];

/** An agent or gateway cannot go on until somebody has done what the sentence says. */
export class AgentError extends Error {
  constructor(
    readonly code: AgentErrorCode,
    sentence: string,
    options?: ErrorOptions,
  ) {
    super(`${code}: ${sentence}`, options);
    this.name = 'AgentError';
  }
}
