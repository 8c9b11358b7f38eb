import Testing

struct PhiloxTests {
    /// The known answers for `philox2x32 10` that Random123 is shipped with (kat_vectors).
    @Test(
        arguments: [
            (counter: (0 as UInt32, 0 as UInt32), key: 0, answer: (0xFF1D_AE59, 0x6CD1_0DF2)),
            ((.max, .max), .max, (0x2C3F_628B, 0xAB4F_D7AD)),
            ((0x243F_6A88, 0x85A3_08D3), 0x1319_8A2E, (0xDD7C_E038, 0xF62A_4C12)),
        ] as [(counter: (UInt32, UInt32), key: UInt32, answer: (UInt32, UInt32))]
    )
    func theReferenceGivesThePublishedAnswers(
        _ vector: (counter: (UInt32, UInt32), key: UInt32, answer: (UInt32, UInt32))
    ) {
        let bits = philoxReference(vector.counter, key: vector.key)
        #expect(bits == vector.answer)
    }
}
