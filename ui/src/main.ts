import { mount } from "svelte";
import App from "./App.svelte";
import "./shared/fonts.css";
import "./shared/tokens.css";
import "./shared/base.css";
import "./shared/parts.css";
import "./shared/list.css";

// Only `vite --mode mock` has the stand-in; a production build drops this line and all that hangs on it.
if (import.meta.env.MODE === "mock") (await import("./mock/install")).install();

mount(App, { target: document.getElementById("app")! });
