// Replaces @scalar/agent-chat, a chat with a service of Scalar's that is not used here.
export const Chat = {};
