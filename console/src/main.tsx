import { render } from "preact";
import { App } from "./app.tsx";
import { startTheme } from "./plots/theme.ts";
import { startSession } from "./session.ts";
import "./style/tokens.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";
import "./style/plots.css";
import "./style/overview.css";
import "./style/decisions.css";
import "./style/drift.css";
import "./style/dead-letters.css";
import { startTelemetry } from "./telemetry/consent.ts";

startTheme();
startSession();
startTelemetry();
render(<App />, document.getElementById("console")!);
