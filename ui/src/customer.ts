import { mount } from "svelte";
import Screen from "./customer/Screen.svelte";
import "./shared/fonts.css";
import "./shared/tokens.css";
import "./shared/base.css";

if (import.meta.env.MODE === "mock") (await import("./mock/install")).install();

mount(Screen, { target: document.getElementById("app")! });
