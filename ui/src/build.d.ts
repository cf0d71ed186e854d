/** Whether this build may have the fake core in it: development and tests in a browser. */
declare const __FAKE_CORE__: boolean;
