import Wire

// The part of SQS's JSON protocol that the bus speaks, by the names that Amazon gave.

@Wire struct QueueAttributes: Hashable, Sendable {
  @Field(name: "FifoQueue") var isFifo: String?
  @Field(name: "DeduplicationScope") var deduplicationScope: String?
  @Field(name: "FifoThroughputLimit") var throughputLimit: String?
  @Field(name: "VisibilityTimeout") var visibilityTimeout: String?
  @Field(name: "MessageRetentionPeriod") var retention: String?
  @Field(name: "RedrivePolicy") var redrive: String?
  @Field(name: "QueueArn") var arn: String?
  @Field(name: "ApproximateNumberOfMessages") var waiting: String?
  @Field(name: "ApproximateNumberOfMessagesNotVisible") var inFlight: String?
}

@Wire struct CreateQueue: Hashable, Sendable {
  @Field(name: "QueueName") var name: String
  @Field(name: "Attributes") var attributes: QueueAttributes
}

@Wire struct QueueCreated: Hashable, Sendable {
  @Field(name: "QueueUrl") var url: String
}

@Wire struct OfQueue: Hashable, Sendable {
  @Field(name: "QueueUrl") var url: String
  @Field(name: "AttributeNames") var attributes: [String]?
}

@Wire struct QueueDescribed: Hashable, Sendable {
  @Field(name: "Attributes") var attributes: QueueAttributes?
}

@Wire struct ListQueues: Hashable, Sendable {
  @Field(name: "QueueNamePrefix") var prefix: String?
  @Field(name: "MaxResults") var limit: Int
  @Field(name: "NextToken") var next: String?
}

@Wire struct QueuesListed: Hashable, Sendable {
  @Field(name: "QueueUrls") var urls: [String]?
  @Field(name: "NextToken") var next: String?
}

@Wire struct MessageAttribute: Hashable, Sendable {
  @Field(name: "DataType") var type: String
  @Field(name: "StringValue") var value: String
}

@Wire struct MessageAttributes: Hashable, Sendable {
  var repeated: MessageAttribute?
  var reason: MessageAttribute?
}

@Wire struct SendEntry: Hashable, Sendable {
  @Field(name: "Id") var id: String
  @Field(name: "MessageBody") var body: String
  @Field(name: "MessageGroupId") var group: String
  @Field(name: "MessageDeduplicationId") var deduplication: String
  @Field(name: "MessageAttributes") var attributes: MessageAttributes?
}

@Wire struct SendBatch: Hashable, Sendable {
  @Field(name: "QueueUrl") var url: String
  @Field(name: "Entries") var entries: [SendEntry]
}

@Wire struct BatchEntry: Hashable, Sendable {
  @Field(name: "Id") var id: String
  @Field(name: "ReceiptHandle") var receipt: String
  @Field(name: "VisibilityTimeout") var visibility: Int?
}

@Wire struct ReceiptBatch: Hashable, Sendable {
  @Field(name: "QueueUrl") var url: String
  @Field(name: "Entries") var entries: [BatchEntry]
}

@Wire struct BatchOutcome: Hashable, Sendable {
  @Field(name: "Id") var id: String
  @Field(name: "Message") var message: String?
}

@Wire struct BatchAnswer: Hashable, Sendable {
  @Field(name: "Successful") var successful: [BatchOutcome]?
  @Field(name: "Failed") var failed: [BatchOutcome]?
}

@Wire struct ReceiveMessages: Hashable, Sendable {
  @Field(name: "QueueUrl") var url: String
  @Field(name: "MaxNumberOfMessages") var limit: Int
  @Field(name: "WaitTimeSeconds") var wait: Int
  @Field(name: "AttributeNames") var attributes: [String]
  @Field(name: "MessageAttributeNames") var messageAttributes: [String]
}

@Wire struct ReceivedAttributes: Hashable, Sendable {
  @Field(name: "ApproximateReceiveCount") var count: String?
}

@Wire struct ReceivedMessage: Hashable, Sendable {
  @Field(name: "ReceiptHandle") var receipt: String
  @Field(name: "Body") var body: String
  @Field(name: "Attributes") var attributes: ReceivedAttributes?
  @Field(name: "MessageAttributes") var messageAttributes: MessageAttributes?
}

@Wire struct MessagesReceived: Hashable, Sendable {
  @Field(name: "Messages") var messages: [ReceivedMessage]?
}

@Wire struct Nothing: Hashable, Sendable {
  var unused: String?
}
