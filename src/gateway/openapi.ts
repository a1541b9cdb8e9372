import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance, FastifySchema } from "fastify";
import type { RouteRole } from "./access/principal.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The schema of a body that the route reads itself, by content type, for the documentation. */
    body?: Readonly<Record<string, object>>;
  }
}

const PROBLEM = {
  type: "object",
  required: ["type", "title", "status", "detail", "instance"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    instance: { type: "string" },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["field", "detail"],
        properties: { field: { type: "string" }, detail: { type: "string" } },
      },
    },
  },
};

const SECURITY = [{ bearer: [] }];

/** Swagger UI styles its parts inline; scripts still come from here alone. */
const DOCUMENTATION_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** Documents every route that is registered after it, at /openapi.json and, to browse, at /docs. */
export async function addOpenApi(server: FastifyInstance, version: string): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Plumbline",
        version,
        description:
          "Scores loan applications as they arrive, exactly once. Every error is a problem detail (RFC 9457) that names the field at fault.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
    },
    transform: ({ schema, url, route }) => ({ schema: documented(schema, route.config ?? {}), url }),
  });
  await server.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: DOCUMENTATION_POLICY,
    uiConfig: { persistAuthorization: false, docExpansion: "list" },
  });
  server.get("/openapi.json", { config: { role: "anyone" }, schema: { hide: true } }, async () => server.swagger());
}

type Declared = { readonly role?: RouteRole; readonly body?: Readonly<Record<string, object>> };

/** A route's schema with what all routes have in common, and with the body that it reads itself. */
function documented(schema: FastifySchema | undefined, { role = "admin", body }: Declared): FastifySchema {
  const roles = [role].flat();
  const contents = Object.entries(body ?? {}).map(([type, content]) => [type, { schema: content }]);
  const isOpen = role === "anyone";
  return {
    ...schema,
    ...(contents.length > 0 && { body: { content: Object.fromEntries(contents) } }),
    ...(!isOpen && {
      security: SECURITY,
      description: [schema?.description, `Role: ${roles.join(" or ")}.`].filter(Boolean).join("\n\n"),
      "x-roles": roles,
    }),
    response: {
      ...(schema?.response as object | undefined),
      default: { description: "A problem", content: { "application/problem+json": { schema: PROBLEM } } },
    },
  };
}
