// What every page of the administration does: true ages, and what the page before had to say.
import { keepAges } from "./ages.js";
import { showStored } from "./toast.js";

keepAges();
showStored();
